/**
 * Puts Kapu and the packages that it needs into a few files, so that it starts sooner and in less memory: cli.mjs does what src/cli.ts does
 * (decision 028). Templates, style sheets and lists stay beside the sources and are read from there.
 * `npm run build` writes it to dist.
 */

import { readFile, rm } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { build, type Plugin } from 'esbuild';

const root = join(import.meta.dirname, '..');
const inPackage = `${sep}node_modules${sep}`;

/**
 * Writes the program into `folder`, in the place of all that is there; it must stay where it is in relation to the sources. Gives the path of what Node
 * is to run. Throws where what is built could do something else than the sources.
 */
export async function buildInto(folder: string): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  const { warnings, metafile } = await build({
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
    // They lie beside it.
    sourcesContent: false,
    metafile: true,
    logLevel: 'warning',
    // The first two load files that lie beside their own: a compiled library, a script of a thread. Without the others, which are not there in
    // production, pg and debug go on.
    external: ['argon2', 'pino', 'pg-native', 'supports-color'],
    // For packages that are not written as modules.
    banner: {
      js: `import { createRequire as requireOf } from 'node:module';
const require = requireOf(import.meta.url), __dirname = import.meta.dirname;`,
    },
    plugins: [loadedWhereUsed, located(folder)],
  });
  if (warnings.length > 0) throw new Error('esbuild has doubts: see above');
  await refuseToolsOfDevelopment(Object.keys(metafile.inputs));
  return join(folder, 'cli.mjs');
}

/** Leaves packages that are loaded only where they are used to Node: of those that are not modules the names would be lost. */
const loadedWhereUsed: Plugin = {
  name: 'loaded where used',
  setup({ onResolve }) {
    onResolve({ filter: /^[^.]/ }, ({ kind, importer }) =>
      kind === 'dynamic-import' && !importer.includes(inPackage) ? { external: true } : undefined,
    );
  },
};

/** Lets a source still know where it lies, though it runs from a file in `folder`. */
const located = (folder: string): Plugin => ({
  name: 'located',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const [source, from] = [await readFile(path, 'utf8'), relative(folder, path)];
      if (/\bimport\.meta\b(?!\.(url|dirname)\b)/.test(source))
        throw new Error(`${path} asks for more of its place than is known here`);
      const contents = source
        .replaceAll('import.meta.url', `new URL(${JSON.stringify(from)}, import.meta.url).href`)
        .replaceAll('import.meta.dirname', `(import.meta.dirname + ${JSON.stringify(`/${dirname(from)}`)})`);
      return { loader: 'ts', contents };
    });
  },
});

/** Throws when one of `files` is of a package that production does not install, so that no audit of what is installed would see it. */
async function refuseToolsOfDevelopment(files: string[]): Promise<void> {
  const { packages } = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
  for (const file of files) {
    const [folder = ''] = /.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? [];
    if (packages[folder]?.dev) throw new Error(`${folder} is for development only, and would run in production`);
  }
}

if (import.meta.main) console.log(relative(root, await buildInto(join(root, 'dist'))));
