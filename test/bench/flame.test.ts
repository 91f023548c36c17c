import { expect, test } from '@jest/globals';
import { flameGraph, originOf, shares, treeOf } from '../../bench/flame.ts';

const call = (functionName: string, url = '') => ({ functionName, url, lineNumber: 1 });
const profile = {
  nodes: [
    { id: 1, callFrame: call('(root)'), children: [2, 5] },
    { id: 2, callFrame: call('serve', 'file:///app/src/app.ts'), children: [3, 4] },
    { id: 3, callFrame: call('token', 'file:///app/node_modules/oidc-provider/lib/token.js') },
    { id: 4, callFrame: call('write<T>', 'node:net') },
    { id: 5, callFrame: call('(idle)') },
  ],
  samples: [3, 3, 4, 2, 5],
  timeDeltas: [100, 200, 60, 40, 9_000],
};

test('time is laid with who spent it and who called, and idleness is nobody’s', () => {
  const tree = treeOf(profile);
  expect(tree.time).toBe(400);
  const [serve] = tree.children.values();
  expect([serve!.name, serve!.time, serve!.children.size]).toEqual(['serve', 400, 2]);
  expect(shares(tree)).toEqual([
    ['oidc-provider', 0.75],
    ['node', 0.15],
    ['src/app.ts', 0.1],
  ]);
});

test('the graph has a box a call, its text escaped', () => {
  const svg = flameGraph(treeOf(profile), 'basic & bare');
  expect(svg.match(/<rect width/g)).toHaveLength(4);
  expect(svg).toContain('write&#60;T&#62; · node: 15.0 %');
  // Shown, and said to who does not see it.
  expect(svg.match(/basic &#38; bare/g)).toHaveLength(2);
});

test('origins are packages, Node, files of ours', () => {
  expect(originOf(call('x', 'file:///a/node_modules/@koa/router/lib/router.js'))).toBe('@koa/router');
  expect(originOf(call('x', 'file:///a/interactions/dispatcher.ts'))).toBe('interactions/dispatcher.ts');
  expect(originOf(call('(garbage collector)'))).toBe('(garbage collector)');
  expect(originOf(call('writev'))).toBe('(native)');
});
