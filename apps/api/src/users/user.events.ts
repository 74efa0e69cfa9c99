/** Somebody's rights on the platform became fewer: demoted, or suspended. */
export class UserRightsReduced {
  constructor(
    readonly userId: string,
    readonly isSuspended: boolean,
  ) {}
}

/** Somebody's password was changed or reset: what was made with the old one must not outlive it. */
export class PasswordReplaced {
  constructor(readonly userId: string) {}
}

/** Somebody's account is about to be deleted. */
export class UserErased {
  constructor(
    readonly userId: string,
    readonly email: string,
  ) {}
}
