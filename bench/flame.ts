/**
 * A profile of V8 as a flame graph: an SVG that needs nothing beside it, each box as wide as the time that its function was on the stack,
 * callers below. What is waited for has no box; each step after a wait begins at the bottom again, at the name that V8 knows.
 */

interface CpuProfile {
  nodes: {
    id: number;
    callFrame: { functionName: string; url: string; lineNumber: number };
    children?: number[];
  }[];
  samples: number[];
  timeDeltas: number[];
}

interface Frame {
  name: string;
  where: string;
  /** Microseconds, with all that it called. */
  time: number;
  children: Map<string, Frame>;
}

/** Where code comes from, in few words: a package, a module of Node, a file of ours. */
export function originOf({ functionName, url }: { functionName: string; url: string }): string {
  if (url === '') return functionName.startsWith('(') ? functionName : '(native)';
  const [, name] = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? [];
  if (name) return name;
  if (url.startsWith('node:')) return 'node';
  return /((?:src|interactions|config|bench)\/.*)$/.exec(url)?.[1] ?? url;
}

const isIdle = (name: string) => name === '(idle)';

/** The calls of `profile` as a tree. Time in which nothing was to be done is left out. */
export function treeOf({ nodes, samples, timeDeltas }: CpuProfile): Frame {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const own = new Map<number, number>();
  for (const [n, id] of samples.entries()) own.set(id, (own.get(id) ?? 0) + Math.max(0, timeDeltas[n] ?? 0));
  const root: Frame = { name: 'all', where: '', time: 0, children: new Map() };
  for (const [id, time] of own) {
    const path = [];
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) path.unshift(byId.get(at)!.callFrame);
    // Nor is what the profile itself takes the server's.
    if (isIdle(path.at(-1)!.functionName) || path.some(({ url }) => url.endsWith('bench/profiled.ts'))) continue;
    root.time += time;
    let frame = root;
    for (const call of path.slice(1)) {
      const where = originOf(call);
      const name = call.functionName || '(anonymous)';
      const key = `${name} ${where} ${call.lineNumber}`;
      const child = frame.children.get(key) ?? { name, where, time: 0, children: new Map() };
      frame.children.set(key, child);
      child.time += time;
      frame = child;
    }
  }
  return root;
}

/** How much of the time each origin took itself, as shares, the greatest first. */
export function shares(root: Frame): [string, number][] {
  const own = new Map<string, number>();
  const walk = (frame: Frame) => {
    let rest = frame.time;
    for (const child of frame.children.values()) {
      rest -= child.time;
      walk(child);
    }
    own.set(frame.where, (own.get(frame.where) ?? 0) + rest);
  };
  walk(root);
  own.delete('');
  return [...own].map(([name, time]): [string, number] => [name, time / root.time]).sort((a, b) => b[1] - a[1]);
}

const [width, line] = [1600, 17];
/** Narrower boxes, in pixels, are left out. */
const least = 0.4;

/** The tree as an SVG under `title`. */
export function flameGraph(root: Frame, title: string): string {
  const boxes: string[] = [];
  let deepest = 0;
  const draw = (frame: Frame, x: number, depth: number) => {
    const wide = (frame.time / root.time) * width;
    if (wide < least) return;
    deepest = Math.max(deepest, depth);
    const share = `${((frame.time / root.time) * 100).toFixed(1)} %`;
    const label = escaped(frame.where ? `${frame.name} · ${frame.where}` : frame.name);
    const letters = Math.floor(wide / 6.2);
    boxes.push(
      `<g transform="translate(${x.toFixed(1)},${-(depth + 1) * line})"><title>${label}: ${share}</title>` +
        `<rect width="${Math.max(0.3, wide - 0.5).toFixed(1)}" height="${line - 1}" fill="${colourOf(frame.where)}"/>` +
        `${letters > 3 ? `<text x="3" y="12">${escaped(`${frame.name} · ${frame.where}`.slice(0, letters))}</text>` : ''}</g>`,
    );
    let at = x;
    for (const child of [...frame.children.values()].sort((a, b) => b.time - a.time)) {
      draw(child, at, depth + 1);
      at += (child.time / root.time) * width;
    }
  };
  draw(root, 0, 0);
  const height = (deepest + 3) * line + 20;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 ${-height + 10} ${width} ${height}" font-family="monospace" font-size="10.5">\n` +
    `<title>${escaped(title)}</title>\n` +
    `<rect y="${-height + 10}" width="${width}" height="${height}" fill="#fff"/>\n` +
    `<text x="6" y="${-height + 28}" font-size="15">${escaped(title)}</text>\n${boxes.join('\n')}\n</svg>\n`
  );
}

/** Ours, the protocol library, other packages, Node, and what is native, each a colour of its own. */
function colourOf(where: string): string {
  if (/^(src|interactions|config)\//.test(where)) return '#f2a65a';
  if (where === 'oidc-provider') return '#7fb3d5';
  if (where === 'node') return '#b8d8b0';
  if (where.startsWith('(')) return '#d9d9d9';
  return '#d5b8e0';
}

const escaped = (text: string) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
