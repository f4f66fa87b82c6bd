// Strongly connected parts of a graph (Tarjan, without recursion): goroutines that wait for each other.

/** edges: to whom each node points. Parts of more than one node, and nodes that point to themselves; each in the order of its edges. */
export function cyclesOf(edges: ReadonlyMap<number, ReadonlySet<number>>): number[][] {
  const order = new Map<number, number>();
  const low = new Map<number, number>();
  const open: number[] = [];
  const isOpen = new Set<number>();
  const cycles: number[][] = [];
  for (const root of edges.keys()) {
    if (order.has(root)) continue;
    const path: { node: number; rest: Iterator<number> }[] = [];
    const enter = (node: number) => {
      order.set(node, order.size);
      low.set(node, order.get(node)!);
      open.push(node);
      isOpen.add(node);
      path.push({ node, rest: (edges.get(node) ?? new Set<number>()).values() });
    };
    enter(root);
    while (path.length > 0) {
      const { node, rest } = path[path.length - 1];
      const next = rest.next();
      if (!next.done) {
        if (!order.has(next.value)) enter(next.value);
        else if (isOpen.has(next.value)) low.set(node, Math.min(low.get(node)!, order.get(next.value)!));
        continue;
      }
      path.pop();
      const parent = path[path.length - 1];
      if (parent !== undefined) low.set(parent.node, Math.min(low.get(parent.node)!, low.get(node)!));
      if (low.get(node) !== order.get(node)) continue;
      const part: number[] = [];
      for (;;) {
        const member = open.pop()!;
        isOpen.delete(member);
        part.push(member);
        if (member === node) break;
      }
      if (part.length > 1 || edges.get(node)?.has(node)) cycles.push(part.reverse());
    }
  }
  return cycles;
}
