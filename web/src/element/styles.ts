// SPDX-License-Identifier: Apache-2.0
import { css } from "lit";

/** Custom properties that a page may set: --synsight-accent, --synsight-text, --synsight-surface, --synsight-border. */
export const styles = css`
  :host {
    color-scheme: light dark;
    --_accent: var(--synsight-accent, light-dark(#0b63ce, #6cb0ff));
    --_text: var(--synsight-text, light-dark(#1b1f24, #e8eaed));
    --_muted: color-mix(in srgb, var(--_text) 72%, var(--_surface));
    --_surface: var(--synsight-surface, light-dark(#ffffff, #16181c));
    --_border: var(--synsight-border, light-dark(#c9ced6, #3b4048));
    --_error: light-dark(#a4161a, #ff9a9a);
    display: block;
    box-sizing: border-box;
    min-inline-size: 280px;
    container-type: inline-size;
    font:
      1rem/1.45 system-ui,
      sans-serif;
    color: var(--_text);
  }
  :host([hidden]) {
    display: none;
  }
  section {
    display: grid;
    gap: 1rem;
    padding: 1rem;
    border: 1px solid var(--_border);
    border-radius: 0.75rem;
    background: var(--_surface);
  }
  @container (min-width: 560px) {
    section {
      grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
    }
  }
  .picture {
    display: grid;
    place-items: center;
    min-block-size: 12rem;
    border: 2px dashed var(--_border);
    border-radius: 0.5rem;
    overflow: hidden;
    text-align: center;
    color: var(--_muted);
  }
  .picture.filled {
    border-style: solid;
  }
  .picture.over {
    border-color: var(--_accent);
  }
  .picture :is(img, video) {
    display: block;
    max-inline-size: 100%;
    max-block-size: 22rem;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
    margin-block-start: 0.75rem;
  }
  button {
    font: inherit;
    padding: 0.5rem 0.9rem;
    border: 1px solid var(--_accent);
    border-radius: 0.5rem;
    background: transparent;
    color: var(--_accent);
    cursor: pointer;
  }
  button:focus-visible {
    outline: 3px solid var(--_accent);
    outline-offset: 2px;
  }
  ol {
    margin: 0;
    padding: 0;
    list-style: none;
    display: grid;
    gap: 0.6rem;
  }
  li {
    display: grid;
    grid-template-columns: 1fr auto;
    gap: 0.15rem 0.75rem;
  }
  .bar {
    grid-column: 1 / -1;
    block-size: 0.5rem;
    border-radius: 0.25rem;
    background: color-mix(in srgb, var(--_border) 45%, transparent);
  }
  .bar > div {
    block-size: 100%;
    min-inline-size: 2px;
    border-radius: inherit;
    background: var(--_accent);
  }
  .probability {
    font-variant-numeric: tabular-nums;
  }
  p {
    margin: 0;
  }
  .status {
    color: var(--_muted);
  }
  .error {
    color: var(--_error);
    overflow-wrap: anywhere;
  }
  progress {
    inline-size: 100%;
    accent-color: var(--_accent);
  }
`;
