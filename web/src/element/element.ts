// SPDX-License-Identifier: Apache-2.0
import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { SynsightError, type Classifier, type ImageSource, type Result } from "../index.js";
import { acquire, forget, release, type ModelKey } from "./models.js";
import { styles } from "./styles.js";
import type { SynsightClassifier as Public, SynsightEvents } from "./types.js";

const kDefaultTop = 5;
const kNone: ReadonlyMap<string, Blob> = new Map();

type State =
  | { readonly kind: "idle" }
  | { readonly kind: "loading"; readonly loaded: number; readonly total: number }
  | { readonly kind: "ready" }
  | { readonly kind: "working" }
  | { readonly kind: "answered"; readonly result: Result }
  | { readonly kind: "failed"; readonly error: SynsightError };

/** Its attributes, methods and events are explained in types.ts. */
class Implementation extends LitElement implements Public {
  static override readonly styles = styles;
  static override readonly properties = {
    model: { type: String },
    src: { type: String },
    top: { type: Number },
    labels: { type: String },
    camera: { type: Boolean },
    state: { state: true },
    shown: { state: true },
    stream: { state: true },
    isOver: { state: true },
  };

  declare model: Public["model"];
  declare src: string;
  declare top: number;
  declare labels: string;
  declare camera: boolean;

  declare private state: State;
  declare private shown: string;
  declare private stream: MediaStream | null;
  declare private isOver: boolean;
  private classifier: Promise<Classifier> | null = null;
  private acquired: ModelKey | null = null;
  private weights: ReadonlyMap<string, Blob> = new Map();
  private image: ImageSource | null = null;
  private isLost = false;
  private numClassified = 0;

  constructor() {
    super();
    this.model = "";
    this.src = "";
    this.top = kDefaultTop;
    this.labels = "";
    this.camera = false;
    this.state = { kind: "idle" };
    this.shown = "";
    this.stream = null;
    this.isOver = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener("paste", this.onPaste);
    if (this.hasUpdated) this.loadModel();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener("paste", this.onPaste);
    this.stopCamera();
    this.releaseModel();
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has("model") || (changed.has("labels") && this.labels)) this.loadModel();
    if (changed.has("src") && this.src) void this.classify(this.src);
    const video = this.renderRoot.querySelector("video");
    if (video && video.srcObject !== this.stream) video.srcObject = this.stream;
  }

  loadFiles(files: readonly File[]): void {
    const model = files.find(({ name }) => /\.onnx$/i.test(name));
    if (model) {
      this.weights = new Map(
        files.filter((file) => file !== model).map((file) => [file.name, file]),
      );
      this.model = model;
    } else if (files[0]) {
      void this.classify(files[0]);
    }
  }

  async classify(image: ImageSource): Promise<Result | null> {
    const turn = ++this.numClassified;
    if (this.isLost) this.loadModel();
    this.image = image;
    this.show(image);
    const loading = this.classifier;
    try {
      if (!loading) throw new SynsightError("invalid_argument", "no model is given");
      const classifier = await loading;
      if (turn === this.numClassified) this.state = { kind: "working" };
      const result = await classifier.classify(image, { top: this.top });
      // A later picture has taken this one's place.
      if (turn !== this.numClassified) return result;
      this.state = { kind: "answered", result };
      this.tell("result", result);
      return result;
    } catch (error) {
      const isLost = error instanceof SynsightError && error.code === "internal";
      if (isLost && loading) this.loseModel(loading);
      if (turn === this.numClassified) this.fail(error);
      return null;
    }
  }

  protected override render(): TemplateResult {
    return html`<section part="frame" aria-label="Image classifier">
      <div>
        <div
          class="picture ${this.isOver ? "over" : ""} ${this.shown || this.stream ? "filled" : ""}"
          part="picture"
          @dragover=${this.onDragOver}
          @dragleave=${() => (this.isOver = false)}
          @drop=${this.onDrop}
        >
          ${this.renderPicture()}
        </div>
        <div class="actions">
          <button part="button" @click=${this.chooseFile}>Choose a picture</button>
          ${this.camera ? this.renderCamera() : nothing}
          <input type="file" accept="image/*" hidden @change=${this.onChosen} />
        </div>
      </div>
      <div aria-live="polite">${this.renderState()}</div>
    </section>`;
  }

  private renderPicture(): TemplateResult {
    if (this.stream)
      return html`<video autoplay muted playsinline aria-label="The camera"></video>`;
    if (this.shown) return html`<img src=${this.shown} alt="The picture that is classified" />`;
    return html`<p>Drop a picture here, or paste one.</p>`;
  }

  private renderCamera(): TemplateResult {
    return this.stream
      ? html`<button part="button" @click=${this.takePicture}>Take the picture</button>
          <button part="button" @click=${this.stopCamera}>Stop</button>`
      : html`<button part="button" @click=${this.startCamera}>Use the camera</button>`;
  }

  private renderState(): TemplateResult {
    switch (this.state.kind) {
      case "idle":
        return html`<p class="status">No model is given.</p>`;
      case "loading": {
        const { loaded, total } = this.state;
        const value = total > 0 ? loaded / total : undefined;
        return html`<p class="status">Loading the model: ${(loaded / 1e6).toFixed(1)} MB</p>
          <progress max="1" .value=${value ?? nothing} aria-label="Loading the model"></progress>`;
      }
      case "ready":
        return html`<p class="status">Ready.</p>`;
      case "working":
        return html`<p class="status">Classifying…</p>`;
      case "failed":
        return html`<p class="error" part="error">${this.state.error.message}</p>`;
      case "answered":
        return html`<ol part="predictions">
          ${this.state.result.predictions.map(
            ({ label, probability }) =>
              html`<li part="prediction">
                <span part="label">${label.replaceAll("_", " ")}</span>
                <span class="probability" part="probability">${percent(probability)}</span>
                <div class="bar" part="bar">
                  <div .style=${`inline-size: ${probability * 100}%`}></div>
                </div>
              </li>`,
          )}
        </ol>`;
    }
  }

  private loadModel(): void {
    this.releaseModel();
    this.isLost = false;
    if (!this.model) {
      this.state = { kind: "idle" };
      return;
    }
    this.state = { kind: "loading", loaded: 0, total: 0 };
    const { model, labels, image } = this;
    this.acquired = {
      model: typeof model === "string" ? absolute(model) : model,
      labels: labels && absolute(labels),
      externalData: typeof model === "string" ? kNone : this.weights,
    };
    const classifier = acquire(this.acquired, this.onProgress);
    this.classifier = classifier;
    classifier.then(
      ({ info }) => {
        if (this.classifier !== classifier) return;
        if (this.state.kind === "loading") this.state = { kind: "ready" };
        this.tell("ready", info);
        // Another model's answer for the picture that is there.
        if (image && image === this.image) void this.classify(image);
      },
      (error: unknown) => {
        if (this.classifier === classifier) this.fail(error);
      },
    );
  }

  private releaseModel(): void {
    if (this.acquired) release(this.acquired, this.onProgress);
    this.acquired = null;
    this.classifier = null;
  }

  /** The next picture has the model loaded again. */
  private loseModel(lost: Promise<Classifier>): void {
    forget(lost);
    if (this.classifier === lost) this.isLost = true;
  }

  private readonly onProgress = (loaded: number, total: number): void => {
    if (this.state.kind === "loading") this.state = { kind: "loading", loaded, total };
    this.tell("progress", { loaded, total });
  };

  private show(image: ImageSource): void {
    if (this.shown.startsWith("blob:")) URL.revokeObjectURL(this.shown);
    if (typeof image === "string" || image instanceof URL) this.shown = String(image);
    else this.shown = image instanceof Blob ? URL.createObjectURL(image) : "";
  }

  private fail(error: unknown): void {
    const known =
      error instanceof SynsightError ? error : new SynsightError("internal", String(error));
    this.state = { kind: "failed", error: known };
    this.tell("error", known);
  }

  private tell<Name extends keyof SynsightEvents>(
    name: Name,
    detail: SynsightEvents[Name]["detail"],
  ): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  private chooseFile(): void {
    this.renderRoot.querySelector("input")?.click();
  }

  private onChosen(event: Event): void {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    input.value = ""; // the same file may be chosen again
    if (file) void this.classify(file);
  }

  private onDragOver(event: DragEvent): void {
    event.preventDefault();
    this.isOver = true;
  }

  private onDrop(event: DragEvent): void {
    event.preventDefault();
    this.isOver = false;
    this.loadFiles([...(event.dataTransfer?.files ?? [])]);
  }

  private readonly onPaste = (event: ClipboardEvent): void => {
    // Of several elements the one that is meant.
    const isAlone = document.querySelectorAll(this.localName).length === 1;
    if (!isAlone && !this.matches(":hover, :focus-within")) return;
    this.loadFiles([...(event.clipboardData?.files ?? [])]);
  };

  private async startCamera(): Promise<void> {
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ video: true });
    } catch (error) {
      this.fail(new SynsightError("device", `the camera cannot be used: ${String(error)}`));
    }
  }

  private stopCamera(): void {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
  }

  private async takePicture(): Promise<void> {
    const video = this.renderRoot.querySelector("video");
    if (!video) return;
    try {
      const frame = await createImageBitmap(video);
      const canvas = new OffscreenCanvas(frame.width, frame.height);
      canvas.getContext("2d")?.drawImage(frame, 0, 0);
      const file = await canvas.convertToBlob();
      this.stopCamera();
      await this.classify(file);
    } catch (error) {
      this.fail(new SynsightError("device", `the camera gives no picture: ${String(error)}`));
    }
  }
}

/** What is no URL stays as it is: loading says so. */
function absolute(url: string): string {
  try {
    return new URL(url, document.baseURI).href;
  } catch {
    return url;
  }
}

function percent(probability: number): string {
  return `${(probability * 100).toFixed(1)} %`;
}

customElements.define("synsight-classifier", Implementation);

/** The element's class, for `instanceof`. */
export const SynsightClassifier: new () => Public = Implementation;
export type SynsightClassifier = Public;
export type { SynsightClassifierEventMap, SynsightEvents } from "./types.js";
