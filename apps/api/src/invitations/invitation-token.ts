import { randomBytes } from 'node:crypto';

/** 256 random bits, base64url: the secret of a link. `hashOf` makes what is stored. */
export const newInvitationToken = (): string => randomBytes(32).toString('base64url');
