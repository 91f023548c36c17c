/**
 * Writes down what this version asks of its databases, as `SCHEMA.json` beside this file. Run when a version is released:
 * `node_modules/.bin/node test/records/previous/take.ts`; then remove the file of the version before the one before.
 */

import { writeFile } from 'node:fs/promises';
import { migrations } from '../../../src/records/migrations/index.ts';
import { startPostgres } from '../../support/postgres.ts';
import { recordPostgres, recordSqlite } from './record.ts';

const server = await startPostgres();
const recorded = { PostgreSQL: await recordPostgres(await server.createDatabase()), SQLite: await recordSqlite() };
await server.stop();
const file = new URL(`./${Object.keys(migrations).at(-1)}.json`, import.meta.url);
await writeFile(file, `${JSON.stringify(recorded, null, 1)}\n`);
console.log(`${recorded.PostgreSQL.statements.length} statements: ${file.pathname}`);
