import { setTimeout as delay } from 'node:timers/promises';
import type { Answer } from './client.js';
import { onServer } from './database.js';
import { repeated } from './length.js';

/** Enough for two requests to meet at every point of their way. */
const ROUNDS = 50;
const WHY_ONLY_THERE = 'the embedded database has a single session, so nothing happens in it at once';

/** `describe` on a PostgreSQL server; elsewhere the tests are skipped with a reason. */
export function describeOnServer(name: string, tests: () => void): void {
  if (!onServer()) process.stdout.write(`Skipped "${name}": ${WHY_ONLY_THERE}.\n`);
  (onServer() ? describe : describe.skip)(name, tests);
}

/** Plays it round after round (fewer in `npm test`) and answers how each ended. */
export async function play(oneRound: (round: number) => Promise<string>, rounds = ROUNDS): Promise<string[]> {
  const outcomes: string[] = [];
  for (let round = 1; round <= repeated(rounds); round += 1) outcomes.push(await oneRound(round));
  return outcomes;
}

/** Both at once, the second one up to nine milliseconds late: over the rounds they meet at every point of their way. */
export async function race(
  round: number,
  first: () => Promise<Answer>,
  second: () => Promise<Answer>,
): Promise<Answer[]> {
  const late = async (): Promise<Answer> => {
    if (round % 2) await delay(round % 10);
    return second();
  };
  return Promise.all([first(), late()]);
}

/** Lower status first: who won does not matter. */
export const statuses = (answers: Answer[]): string =>
  answers
    .map((answer) => answer.status)
    .sort()
    .join(' ');

/** Shows the rounds that ended otherwise, and so how often a missing lock matters. */
export function expectOnly(outcomes: string[], ...right: string[]): void {
  expect(outcomes.filter((outcome) => !right.includes(outcome))).toEqual([]);
}
