/** An API key is being revoked, and its open invitations shall not outlive it. */
export class KeyInvitationsUnwanted {
  constructor(readonly keyId: string) {}
}
