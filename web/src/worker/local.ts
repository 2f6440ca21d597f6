// SPDX-License-Identifier: Apache-2.0
// Where there are no workers: under Node, on the caller's own thread.
import { builds } from "./builds.js";
import { Host } from "./host.js";

export const createHost = (): Host => new Host(builds);
