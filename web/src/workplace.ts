// SPDX-License-Identifier: Apache-2.0
// Where the work is done: a worker that all classifiers of a page share, or under Node the caller's own thread.
import { wrap } from "comlink";
import { SynsightError, type Build } from "./types.js";
import type { Answer, Host } from "./worker/host.js";
import { cancelled } from "./worker/source.js";

/** A host, as it is called from here. */
export type Remote = {
  [Method in "load" | "classify" | "prepare" | "run" | "startThreads"]: Host[Method];
} & {
  abort(id: number): void | Promise<void>;
  dispose(model: number): void | Promise<void>;
};

/** The workers: one that computes by itself, and by build those that have threads. */
type Kind = "single" | Build;

// Bundlers look for these very words.
const kWorkers: Record<Kind, () => Worker> = {
  single: () => new Worker(new URL("./worker.js", import.meta.url), { type: "module" }),
  plain: () => new Worker(new URL("./plain-threads.js", import.meta.url), { type: "module" }),
  relaxed: () => new Worker(new URL("./relaxed-threads.js", import.meta.url), { type: "module" }),
};

/** For a page that has the worker's script elsewhere. */
export function setWorker(create: () => Worker): void {
  kWorkers.single = create;
}

/** How long threads may take to start, a module's compilation included. */
const kThreadsTimeoutMs = 10_000;

const workplaces = new Map<Kind, Promise<Workplace>>();
let numCalls = 0;
let doThreadsWork = true;

export class Workplace {
  hasEnded = false;
  private fail: (error: SynsightError) => void = () => undefined;
  private readonly failed = new Promise<never>((_, reject) => {
    this.fail = reject;
  });

  private constructor(
    private readonly kind: Kind,
    private readonly host: Remote,
    private readonly worker?: Worker,
  ) {
    this.failed.catch(() => undefined);
  }

  static of(kind: Kind): Promise<Workplace> {
    let workplace = workplaces.get(kind);
    if (!workplace) {
      workplace = Workplace.open(kind);
      workplaces.set(kind, workplace);
    }
    return workplace;
  }

  private static async open(kind: Kind): Promise<Workplace> {
    if (typeof Worker === "undefined") {
      const { createHost } = await import("./worker/local.js");
      return new Workplace(kind, createHost());
    }
    const worker = kWorkers[kind]();
    const place = new Workplace(kind, wrap<Host>(worker) as unknown as Remote, worker);
    worker.addEventListener("error", ({ message }) =>
      place.end(new SynsightError("io", `the worker does not run${message ? `: ${message}` : ""}`)),
    );
    return place;
  }

  /** All that is asked here, now or later, fails; the next workplace of this kind is another, and has no threads. */
  private end(error: SynsightError): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    if (this.kind !== "single") doThreadsWork = false;
    workplaces.delete(this.kind);
    this.worker?.terminate();
    this.fail(error);
  }

  /**
   * Where a build computes on so many threads; null where they do not start, or have once failed: Firefox now and then
   * waits for ever when a worker makes another. Throws SynsightError.
   */
  static async withThreads(build: Build, threads: number): Promise<Workplace | null> {
    if (!doThreadsWork) return null;
    const place = await Workplace.of(build);
    const id = Workplace.nextId();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<boolean>((done) => {
      timer = setTimeout(() => done(false), kThreadsTimeoutMs);
    });
    const started = place.ask(id, (host) => host.startThreads(id, build, threads));
    try {
      if (await Promise.race([started.then(() => true), late])) return place;
      place.end(new SynsightError("device", "threads do not start here"));
    } catch (error) {
      if (!place.hasEnded) throw error;
    } finally {
      clearTimeout(timer);
    }
    return null;
  }

  /** A name for a call, and for the model that it loads. */
  static nextId(): number {
    return ++numCalls;
  }

  /** What the host answers to a call that is named by `id`. Throws SynsightError. */
  async ask<T>(
    id: number,
    call: (host: Remote) => Promise<Answer<T>>,
    signal?: AbortSignal,
  ): Promise<T> {
    if (signal?.aborted) throw cancelled();
    const answer = call(this.host);
    let abort = () => {};
    const aborted = new Promise<never>((_, reject) => {
      abort = () => {
        void this.host.abort(id);
        reject(cancelled());
      };
    });
    signal?.addEventListener("abort", abort);
    try {
      const given = await Promise.race([answer, aborted, this.failed]);
      if (given.kind === "value") return given.value;
      const error = new SynsightError(given.code, given.message);
      if (given.isFatal) this.end(error);
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  dispose(model: number): void {
    void this.host.dispose(model);
  }
}
