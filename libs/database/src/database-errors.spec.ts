import { QueryFailedError, QueryRunnerAlreadyReleasedError } from 'typeorm';
import { isConflict, isDatabaseAway, markAsAway } from './database-errors.js';

const failed = (code: string, message = '') =>
  new QueryFailedError('SELECT 1', [], Object.assign(new Error(message), { code }));

describe('a database that is away', () => {
  it.each([
    ['cannot be reached', 'ECONNREFUSED'],
    ['has no connection left', '53300'],
    ['has a full disk', '53100'],
    ['is starting', '57P03'],
    ['is being stopped', '57P01'],
    ['may only be read', '25006'],
    ['took too long', '57014'],
    ['waited too long for a lock', '55P03'],
    ['waited too long for us', '25P03'],
    ['ended a deadlock', '40P01'],
    ['refuses our password', '28P01'],
    ['refuses our role', '42501'],
    ['has no name', 'ENOTFOUND'],
    ['cannot be looked up', 'EAI_AGAIN'],
  ])('%s (%s)', (_what, code) => expect(isDatabaseAway(failed(code))).toBe(true));

  it.each([
    'timeout exceeded when trying to connect',
    'Connection terminated unexpectedly',
    'Client was closed and is not queryable',
  ])('is known by the words of node-postgres: %s', (words) => {
    expect(isDatabaseAway(new Error(words))).toBe(true);
    expect(isDatabaseAway(failed('', words))).toBe(true);
  });

  it('does not let us connect, whatever it says', () => {
    const error = new Error('database "usher" is not currently accepting connections');
    expect(isDatabaseAway(error)).toBe(false);
    markAsAway(error);
    expect(isDatabaseAway(error)).toBe(true);
    expect(isDatabaseAway(new QueryFailedError('SELECT 1', [], error))).toBe(true);
  });

  it('may have gone between two statements', () => {
    expect(isDatabaseAway(new QueryRunnerAlreadyReleasedError())).toBe(true);
  });

  it.each([failed('23505'), failed('22P02'), failed('42601'), failed('42P01'), new Error('Something else'), null])(
    'is not what is wrong with %s',
    (error) => expect(isDatabaseAway(error)).toBe(false),
  );
});

describe('a conflict', () => {
  it.each(['23503', '23505'])('is what a unique index or a foreign key refuses (%s)', (code) => {
    expect(isConflict(failed(code))).toBe(true);
  });

  it.each([failed('40P01'), failed('22P02'), failed('23514'), failed('57014'), new Error('Something else')])(
    'is not what is wrong with %s',
    (error) => expect(isConflict(error)).toBe(false),
  );
});
