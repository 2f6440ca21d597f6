// SPDX-License-Identifier: Apache-2.0
// The worker that computes on its own thread.
import { expose } from "comlink";
import { builds } from "./builds.js";
import { Host } from "./host.js";

expose(new Host(builds));
