import { appendFileSync } from 'node:fs';

/** For docs/reliability.md. */
export function note(fault: string, figures: Record<string, number>): void {
  const { FAULTS_FIGURES: file } = process.env;
  if (file) appendFileSync(file, `${JSON.stringify({ fault, figures })}\n`);
}
