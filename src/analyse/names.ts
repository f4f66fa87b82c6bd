// A Go function's name in its parts, and what is standard library.
//
//   example.com/bank.(*Account).Deposit.func1   package example.com/bank, type bank.Account, closure of (*Account).Deposit

export interface FunctionName {
  readonly name: string;
  readonly package: string;
  /** Type of a pointer receiver, with its package: `example.com/bank.Account`; '' for none. */
  readonly type: string;
  /** Without package and receiver. */
  readonly method: string;
  /** The function around a closure; the function itself otherwise. */
  readonly outer: string;
  /** A closure or wrapper: its first argument is no receiver. */
  readonly isClosure: boolean;
  readonly isStandard: boolean;
}

const STANDARD = new Set(
  (
    'archive bufio builtin bytes cmp compress container context crypto database debug embed encoding errors expvar flag fmt go hash ' +
    'html image index internal io iter log maps math mime net os path plugin reflect regexp runtime slices sort strconv strings ' +
    'structs sync syscall testing text time unicode unique unsafe vendor weak type'
  ).split(' '),
);

/** Suffixes that the compiler gives to functions without a name. */
const closure = /(?:\.func\d+|\.gowrap\d+|\.deferwrap\d+|-range\d+|-fm|\.\d+|·\d+)+$/;

export function readFunctionName(name: string): FunctionName {
  // Slashes in type arguments are no part of the path.
  const bracket = name.search(/[[(]/);
  const slash = (bracket < 0 ? name : name.slice(0, bracket)).lastIndexOf('/') + 1;
  // yaml.v2.(*decoder).parse: the package's last element has a dot.
  const version = /^[^.]*\.v\d+(?=\.)/.exec(name.slice(slash));
  const dot = version === null ? name.indexOf('.', slash) : slash + version[0].length;
  const package_ = dot < 0 ? name : name.slice(0, dot);
  const rest = dot < 0 ? '' : name.slice(dot + 1);
  const outer = name.replace(closure, '');
  const receiver = /^\(\*([^)]*)\)\./.exec(rest);
  return {
    name,
    package: package_,
    type: receiver === null ? '' : `${package_}.${receiver[1]}`,
    method: receiver === null ? rest : rest.slice(receiver[0].length),
    outer,
    isClosure: outer !== name,
    isStandard: isStandard(package_),
  };
}

function isStandard(package_: string): boolean {
  const [first] = package_.split('/', 1);
  return STANDARD.has(first) || first === 'non-Go function';
}

/** The name as people say it: the path's last element only. */
export function shortName(name: string): string {
  const bracket = name.search(/[[(]/);
  const slash = (bracket < 0 ? name : name.slice(0, bracket)).lastIndexOf('/');
  return name.slice(slash + 1);
}
