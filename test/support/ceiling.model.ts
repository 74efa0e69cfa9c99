/** In the organisation (null), or in one of its projects. */
export type Place = string | null;

export interface Grant {
  place: Place;
  permissions: readonly string[];
}

/** What the API shows of an organisation: who holds which role, and what the roles hold. Ids are of people and of keys. */
export interface Shown {
  roles: ReadonlyMap<string, readonly string[]>;
  projects: readonly string[];
  /** By principal, then by place: the role held there. */
  holders: ReadonlyMap<string, ReadonlyMap<Place, string>>;
}

/** Project permissions in an organisation role hold in every project: a place adds to what is held in the organisation. */
export function held({ roles, holders }: Shown, principal: string, place: Place): Set<string> {
  const mine = holders.get(principal);
  const roleIds = [mine?.get(null), place === null ? undefined : mine?.get(place)];
  return new Set(roleIds.flatMap((id) => (id ? (roles.get(id) ?? []) : [])));
}

/** Whether somebody would give, take or touch what they do not hold. */
export const exceeds = (shown: Shown, principal: string, grants: readonly Grant[]): boolean =>
  grants.some(({ place, permissions }) => !permissions.every((each) => held(shown, principal, place).has(each)));

/** What anybody holds afterwards that they did not hold before, and that `giver` did not hold either. */
export function conjured(before: Shown, after: Shown, giver: string): string[] {
  return [...after.holders.keys()].flatMap((principal) =>
    [null, ...after.projects].flatMap((place) => {
      const known = new Set([...held(before, principal, place), ...held(before, giver, place)]);
      const fromNowhere = [...held(after, principal, place)].filter((permission) => !known.has(permission));
      return fromNowhere.map((permission) => `${principal} holds ${permission} in ${place ?? 'the organisation'}`);
    }),
  );
}
