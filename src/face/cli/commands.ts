// The commands: each is a word (tspprof top FILE) and a flag (tspprof -top FILE), as pprof has it.

export const commands = [
  { name: 'top', help: 'The functions that cost most', usage: 'tspprof top [flags] FILE' },
  { name: 'text', help: 'The same as top', usage: 'tspprof text [flags] FILE' },
  { name: 'proto', help: 'The profile itself, gzipped: what the filters leave', usage: 'tspprof proto [flags] FILE' },
] as const;
