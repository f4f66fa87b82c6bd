// Function names as drop_frames, keep_frames and prune_from see them: without a leading dot (PPC ELF v1) and without
// an argument list.
//
//   .foo → foo    f(int) → f    (anonymous namespace)::f(int) → (anonymous namespace)::f    T::operator()(int) → T::operator()
//
// Source of the rule: pprof profile/prune.go simplifyFunc.

const brackets = /\(anonymous namespace\)|operator\(\)|\(/g;

export function simplifyName(name: string): string {
  const text = name.startsWith('.') ? name.slice(1) : name;
  if (!text.includes('(')) return text;
  for (const found of text.matchAll(brackets)) {
    if (found[0] === '(') return text.slice(0, found.index);
  }
  return text;
}
