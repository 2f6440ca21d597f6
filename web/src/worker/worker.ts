// SPDX-License-Identifier: Apache-2.0
import { expose } from "comlink";
import { Host } from "./host.js";

expose(new Host());
