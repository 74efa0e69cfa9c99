import { hash } from '@node-rs/argon2';

const HASHES = 20;
/** As Usher hashes passwords. */
const ARGON2ID = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Milliseconds of CPU that it takes to hash one password. */
export async function hashCost() {
  const began = process.cpuUsage();
  for (let n = 0; n < HASHES; n += 1) await hash(`a password of the benchmark ${n}`, ARGON2ID);
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1_000 / HASHES;
}
