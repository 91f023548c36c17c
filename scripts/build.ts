/**
 * Puts Kapu and the packages that it needs into a few files, so that it starts sooner and in less memory: cli.mjs does what src/cli.ts does
 * (decision 028). Templates, style sheets and lists stay beside the sources and are read from there.
 * `npm run build` writes it to dist.
 */

import { readFile, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');

/**
 * Writes the program into `folder`, in the place of all that is there; it must stay where it is in relation to the sources. Gives the path of what Node
 * is to run.
 */
export async function buildInto(folder: string): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints: { cli: 'src/cli.ts' },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // What one command needs stays apart from the others.
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    sourcemap: true,
    logLevel: 'warning',
    // They load files that lie beside their own: a compiled library, a script of a thread.
    external: ['argon2', 'pino', 'pg-native'],
    // For packages that are not written as modules.
    banner: {
      js: `import { createRequire as requireOf } from 'node:module';
const require = requireOf(import.meta.url), __dirname = import.meta.dirname;`,
    },
    plugins: [
      {
        name: 'what stays where it is',
        setup({ onLoad, onResolve }) {
          // Packages that are loaded only where they are used: of those that are not modules the names would be lost.
          onResolve({ filter: /^[^.]/ }, ({ kind }) => (kind === 'dynamic-import' ? { external: true } : undefined));
          onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
            loader: 'ts',
            contents: located(await readFile(path, 'utf8'), relative(folder, path)),
          }));
        },
      },
    ],
  });
  return join(folder, 'cli.mjs');
}

/** A source whose `import.meta` still tells where it lies, though it runs from another file. */
function located(source: string, path: string): string {
  return source
    .replaceAll('import.meta.url', `new URL(${JSON.stringify(path)}, import.meta.url).href`)
    .replaceAll('import.meta.dirname', `(import.meta.dirname + ${JSON.stringify(`/${dirname(path)}`)})`);
}

if (import.meta.main) console.log(relative(root, await buildInto(join(root, 'dist'))));
