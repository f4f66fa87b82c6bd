// The numbers that both compilers read: asc (assembly/*.ts) and tsc (src/core/*.ts). Constants only.
// The contract itself is assembly/README.md.

/** Compared when the module is loaded: a core and a wrapper of different builds do not meet. */
export const ABI_VERSION = 1;

// Results: >= 0 is success or a count, below are the failures.
export const OK = 0;
/** The memory cannot grow any further. */
export const E_MEMORY = -1;
/** A protobuf message is malformed: bad varint, bad wire type, length past its end. */
export const E_WIRE = -2;
/** A string index points outside of the string table. */
export const E_STRING = -3;
/** A sample's number of values is not that of the sample types. */
export const E_SAMPLE_VALUES = -4;
/** A sample names a location that does not exist. */
export const E_SAMPLE_LOCATION = -5;
/** A row uses the reserved id 0. */
export const E_ID_ZERO = -6;
/** Two rows have the same id. */
export const E_ID_TWICE = -7;
/** A line names a function that does not exist. */
export const E_LINE_FUNCTION = -8;
/** More sample types than MAX_SAMPLE_TYPES. */
export const E_TYPES = -9;
/** More corrections than CORRECTION_LIMIT: repeat marks do not pay for this profile. */
export const E_CORRECTIONS = -11;

// The messages that are handed over as byte ranges and decoded in one go.
export const LOCATION = 0;
export const FUNCTION = 1;
export const STRING = 2;

/** Rows of one group of samples; the flat columns of a selection use the same stride. */
export const GROUP_ROWS = 65536;
export const MAX_SAMPLE_TYPES = 64;
/** Times that the samples of one source of a merge are scaled at most: normalized, negated, brought to a common unit. */
export const MAX_STAGES = 3;
/** Byte ranges (start u32, length u32) that one call takes at most. */
export const RANGE_LIMIT = 16384;
/** (sample, node) pairs that the repeat marks may need at most. */
export const CORRECTION_LIMIT = 4194304;

// Bits of a location in a selection.
export const FOCUSED = 1;
export const IGNORED = 2;
export const HIDDEN = 4;
export const PRUNED = 1;
export const PRUNED_BENEATH = 2;

/** In a location's node column: the location is hidden. Below it: -2 - index into the lists. */
export const NO_NODE = -1;

/** Set in a stack's entry when its node stands nearer to the leaf already. */
export const REPEAT = 0x80000000;

// Bits of a node's in-edges, and of an edge.
export const EDGE_INLINE = 1;
export const EDGE_CALL = 2;
export const EDGE_RESIDUAL = 4;

/** In a node's role: it is a function of the program's own; the rest is its owner's row. */
export const OWN = 0x80000000;
