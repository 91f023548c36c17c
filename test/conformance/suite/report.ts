/** What a run comes to: which results were expected, a table of them, and the conditions behind those that were not. Pure. */

import { table } from '../../../src/commands/command.ts';
import type { Entry } from './api.ts';
import type { Expected, Plan } from './plans.ts';
import type { ModuleResult } from './run.ts';

export type Verdict =
  | { kind: 'good' }
  /** Somebody has to look at a picture, or a SHOULD was not kept. */
  | { kind: 'noted'; remark: string }
  | { kind: 'expected'; reason: string }
  | { kind: 'unexpected' };

/** What a result is worth. An expectation that names a condition covers a module in which nothing else failed. */
export function judge(result: ModuleResult, expected: readonly Expected[]): Verdict {
  const { outcome, module, failing } = result;
  if (outcome === 'PASSED') return { kind: 'good' };
  const worst = failing.filter((entry) => entry.result === (outcome === 'WARNING' ? 'WARNING' : 'FAILURE'));
  const known = expected.filter((each) => each.module === module && each.result === outcome);
  const covers = ({ condition }: Expected, { src }: Entry) => condition === undefined || condition === src;
  const isCovered =
    known.some(({ condition }) => condition === undefined) ||
    (known.length > 0 && worst.length > 0 && worst.every((entry) => known.some((each) => covers(each, entry))));
  if (isCovered) return { kind: 'expected', reason: known.map(({ reason }) => reason).join('; ') };
  if (outcome === 'REVIEW') return { kind: 'noted', remark: 'a person has to look at the pictures' };
  if (outcome === 'WARNING') return { kind: 'noted', remark: 'passes, with warnings' };
  return { kind: 'unexpected' };
}

/** Whether nothing went wrong that was not expected. */
export function isGood(results: readonly ModuleResult[], plan: Plan): boolean {
  return results.every((result) => judge(result, plan.expected).kind !== 'unexpected');
}

/** The run in words: a table, what is behind each line that did not pass, and a sum. */
export function report(results: readonly ModuleResult[], plan: Plan): string {
  const judged = results.map((result) => ({ result, verdict: judge(result, plan.expected) }));
  const rows = judged.map(({ result, verdict }) => [
    result.module,
    result.outcome,
    String(result.failing.filter((entry) => entry.result === 'WARNING').length),
    verdict.kind === 'unexpected' ? 'NOT EXPECTED' : verdict.kind,
  ]);
  const behind = judged.flatMap(({ result, verdict }) =>
    verdict.kind === 'good' ? [] : ['', ...told(result, verdict)],
  );
  const count = (kind: Verdict['kind']) => judged.filter(({ verdict }) => verdict.kind === kind).length;
  const sum = `${results.length} modules: ${count('good')} passed, ${count('noted')} noted, ${count('expected')} expected, ${count('unexpected')} not expected`;
  return [table([['MODULE', 'RESULT', 'WARNINGS', ''], ...rows]), ...behind, '', sum].join('\n');
}

function told({ module, outcome, failing, address, waitingFor }: ModuleResult, verdict: Verdict): string[] {
  const why = 'reason' in verdict ? verdict.reason : 'remark' in verdict ? verdict.remark : waitingFor;
  return [
    `${module}: ${outcome}${why ? ` (${why})` : ''}`,
    ...failing.map(
      ({ result, src = '?', msg = '', requirements = [] }) =>
        `  ${result} ${src}: ${msg}${requirements.length > 0 ? ` [${requirements.join(', ')}]` : ''}`,
    ),
    `  ${address}`,
  ];
}
