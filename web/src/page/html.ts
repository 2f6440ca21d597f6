// SPDX-License-Identifier: Apache-2.0
import { gzipSync } from "node:zlib";

/** Bytes in the page: what the page's script asks for by `kind`, and the file's name where there are several. */
export interface Part {
  readonly kind: "worker" | "plain" | "relaxed" | "model" | "weights" | "picture";
  readonly name?: string;
  readonly bytes: Uint8Array;
}

/** What a page in one file is made of. */
export interface PageParts {
  readonly title: string;
  /** The page's own script. */
  readonly script: string;
  readonly parts: readonly Part[];
  /** Shown in the source, not in the page. */
  readonly notice: string;
}

/** The policy holds the page to its promise: nothing comes from elsewhere. */
const kPolicy =
  "default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval' blob:; worker-src blob:; " +
  "style-src 'unsafe-inline'; img-src blob: data:; media-src blob:; connect-src blob: data:";

const kStyle = `:root { color-scheme: light dark; }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; color: light-dark(#1b1f24, #e8eaed);
  background: light-dark(#f6f7f9, #0f1114); }
main { max-inline-size: 60rem; margin-inline: auto; padding: 1.5rem 1rem 3rem; }
h1 { margin-block: 0 1rem; }`;

export function makePage({ title, script, parts, notice }: PageParts): string {
  const elements = parts.map(({ kind, name = "", bytes }) => {
    const base64 = gzipSync(bytes, { level: 9 }).toString("base64");
    return `<script type="text/plain" data-synsight="${kind}" data-name="${escape(name)}">${base64}</script>`;
  });
  return `<!doctype html>
<!--
${notice.replaceAll("--", "- -")}
-->
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${kPolicy}">
<link rel="icon" href="data:,">
<title>${escape(title)}</title>
<style>${kStyle}</style>
</head>
<body>
<main>
<h1>${escape(title)}</h1>
<synsight-classifier camera></synsight-classifier>
</main>
${elements.join("\n")}
<script type="module">${script.replaceAll("</script", "<\\/script")}</script>
</body>
</html>
`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
