// Every export, in the order of the contract (README.md); nothing else.

import { ABI_VERSION } from '../src/core/abi';
import { resetIds } from './ids';
import { resetLabels } from './labels';
import { release } from './memory';
import { resetMerge } from './merge';
import { selectAll } from './select';
import { resetStore } from './store';
import { resetMessages } from './tables';

export function abiVersion(): i32 {
  return ABI_VERSION;
}

/** Forgets everything: the instance is as new, its memory as large as it was. to: what mark() gave when it was new. */
export function reset(to: usize): void {
  resetStore();
  resetLabels();
  resetIds();
  resetMessages();
  resetMerge();
  selectAll();
  release(to);
}

export { checkFunctions, checkLocations, checkSamples } from './check';
export { failedId, failedRow } from './failure';
export { beginCalls, callRows, inCalls } from './calls';
export { beginEdges, edgeCount, edgeRows, edges, endEdges, inEdges, inlinedNodes } from './edges';
export { edgeOrder, edgeStart, groupEdges, orderEdges } from './group';
export { joinedLength, joinPieces } from './join';
export { internLabels, labelSetAddress, labelSetCount, labelSetLength } from './labels';
export { alloc, allocZero, mark, release } from './memory';
export { hasInlines, internNodes, locationNode, nodeCount, nodeLists, nodeLine, nodeLocation, setNodeKeys } from './nodes';
export { beginEncode, encoded, encodeRows } from './encode';
export {
  addRows,
  beginMerge,
  beginSource,
  labelMap,
  locationMap,
  newLabelCount,
  newLabels,
  newLocationCount,
  newLocations,
  ratios,
  scanRows,
  sourceColumns,
  zeroRows,
} from './merge';
export { gather, keepNodes, list, listCount, listFlat, sortList } from './order';
export { packed, packedEntries, packRows } from './pack';
export {
  addLabelFrames,
  labelSetOrder,
  needCuts,
  needSelected,
  selectAll,
  selectFocus,
  selectLabels,
  selectPruned,
  selectPruneFrom,
  selectShowFrom,
  usedLabelSets,
} from './select';
export { failedRange, input, oddCount, oddSample, ranges, sampleCount, takeSamples, valueCount } from './store';
export {
  beginFunctions,
  beginLines,
  beginLocations,
  beginStrings,
  countLines,
  decodeFunctions,
  decodeLocations,
  decodeStrings,
  functionFilename,
  functionId,
  functionName,
  functionStartLine,
  functionSystemName,
  lineColumn,
  lineCount,
  lineFunction,
  lineNumber,
  lineStart,
  locationAddress,
  locationFolded,
  locationId,
  locationMapping,
  messageCount,
  sameString,
  stringBytes,
  stringStart,
  takeMessages,
} from './tables';
export {
  anyNegative,
  beginMarks,
  beginWeigh,
  correctionCount,
  corrections,
  cum,
  endWeigh,
  endWeighMarked,
  flat,
  markRows,
  sumTotals,
  totals,
  weighMarkedRows,
  weighRows,
} from './weigh';
export { beginTags, labelSetSums, tagCount, tagLeaves, tagRows, tags } from './tags';
export { beginTree, tree, treeCount, treeRows, treeSelf, treeTotal } from './tree';
export { beginWork, workCharged, workCum, workKinds, workLines, workRows, workThrough, workWithin } from './work';
