// All rules of diagnose that look at dumps and profiles; those of memory statistics and of the system have tables of their own.

import type { Rule } from '../rule.js';
import { countsDisagree, mixedProcesses } from './checkRules.js';
import { contendedLock } from './contentionRules.js';
import { fewSamples, gcTime, hotFunction, hotPath, overhead } from './cpuRules.js';
import { deadlock } from './deadlock.js';
import type { Facts } from './facts.js';
import { openFilesGrowth } from './fileRules.js';
import { crash, goroutineGrowth, hung, manyGoroutines, nilChannel } from './goroutineRules.js';
import { allocChurn, heapDisagrees, heapGrowth, heapKeeper, heapKept } from './heapRules.js';
import { goroutineLeak } from './leakRules.js';
import { lockQueue, stuckLock } from './lockRules.js';
import { connectionPool, cpuStarved, manyThreads, requestsWait, slowDisk, slowPeer } from './waitRules.js';

export const DIAGNOSE_RULES: readonly Rule<Facts>[] = [
  ...[crash, deadlock, stuckLock, lockQueue],
  ...[nilChannel, goroutineLeak, goroutineGrowth, manyGoroutines, hung],
  ...[slowDisk, slowPeer, requestsWait, connectionPool, manyThreads, cpuStarved],
  ...[hotFunction, hotPath, gcTime, overhead, fewSamples],
  ...[heapGrowth, heapKept, heapKeeper, allocChurn],
  ...[contendedLock, openFilesGrowth],
  ...[mixedProcesses, countsDisagree, heapDisagrees],
];
