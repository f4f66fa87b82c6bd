// The layout engine, alone in a file: 0.8 MB that load when a graph is drawn, and not before. Chosen by measurement: twice
// as fast as @viz-js/viz, the same Graphviz.

export const loadGraphviz = async () => (await import('@hpcc-js/wasm-graphviz')).Graphviz;
