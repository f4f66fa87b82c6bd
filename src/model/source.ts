// Where source code comes from: the host's business.

/**
 * The lines of a source file, or why there are none. file: its name in the profile, trimmed. Source readers come from
 * the host: on Node `sourceReader()` of tspprof looks on disk as pprof does.
 */
export type SourceReader = (file: string) => { readonly lines: readonly string[] } | { readonly error: string };
