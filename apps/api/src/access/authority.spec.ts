import fc from 'fast-check';
import { Holdings } from './authority.js';
import {
  covers,
  ORGANISATION_PERMISSIONS,
  type Permission,
  PLATFORM_PERMISSIONS,
  PROJECT_PERMISSIONS,
} from './permissions.js';

const ALL: Permission[] = [...PLATFORM_PERMISSIONS, ...ORGANISATION_PERMISSIONS, ...PROJECT_PERMISSIONS];
const PROJECT = 'a-project';
const ELSEWHERE = 'another-project';

const some = fc.subarray(ALL);
const one = fc.constantFrom(...ALL);
const held = fc.record({ everywhere: some, organisation: some, project: some });
const holdingsOf = ({
  everywhere,
  organisation,
  project,
}: {
  everywhere: Permission[];
  organisation: string[];
  project: string[];
}) => new Holdings(everywhere, organisation, new Map([[PROJECT, project]]));

describe('what somebody holds', () => {
  it('covers all that they hold, alone and together', () => {
    fc.assert(
      fc.property(held, (sets) => {
        const wanted = [
          { projectId: null, permissions: [...sets.everywhere, ...sets.organisation] },
          { projectId: PROJECT, permissions: [...sets.everywhere, ...sets.organisation, ...sets.project] },
          { projectId: ELSEWHERE, permissions: [...sets.everywhere, ...sets.organisation] },
        ];
        return holdingsOf(sets).cover(wanted) && wanted.every((each) => holdingsOf(sets).cover([each]));
      }),
    );
  });

  it('covers nothing with one permission more', () => {
    fc.assert(
      fc.property(held, some, one, (sets, rest, extra) => {
        const { everywhere, organisation, project } = sets;
        const isHeld = [...everywhere, ...organisation, ...project].includes(extra);
        const wanted = [{ projectId: PROJECT, permissions: [...project, ...rest, extra] }];
        return isHeld || !holdingsOf(sets).cover(wanted);
      }),
    );
  });

  it('in one project counts neither in another nor in the organisation', () => {
    fc.assert(
      fc.property(some, one, (project, permission) => {
        const holdings = holdingsOf({ everywhere: [], organisation: [], project });
        return !holdings.has(permission) && !holdings.has(permission, ELSEWHERE);
      }),
    );
  });

  it('covers several things at once exactly when it covers each', () => {
    const wanted = fc.array(fc.record({ projectId: fc.constantFrom(null, PROJECT, ELSEWHERE), permissions: some }));
    fc.assert(
      fc.property(held, wanted, (sets, all) => {
        const holdings = holdingsOf(sets);
        return (
          holdings.cover(all) ===
          all.every((each) => each.permissions.every((permission) => holdings.has(permission, each.projectId)))
        );
      }),
    );
  });

  it('never shrinks by holding more', () => {
    fc.assert(
      fc.property(held, some, some, (sets, more, permissions) => {
        const wanted = [{ projectId: PROJECT, permissions }];
        const wider = { ...sets, project: [...sets.project, ...more] };
        return !holdingsOf(sets).cover(wanted) || holdingsOf(wider).cover(wanted);
      }),
    );
  });
});

describe('covering', () => {
  it('is reflexive, transitive, and means being a subset', () => {
    fc.assert(
      fc.property(some, some, some, (a, b, c) => {
        const isOver = (over: string[], under: string[]) => covers(new Set(over), under);
        const isTransitive = !(isOver(a, b) && isOver(b, c)) || isOver(a, c);
        return isOver(a, a) && isTransitive && isOver(a, b) === b.every((each) => a.includes(each));
      }),
    );
  });
});
