import { betterAuth } from 'better-auth';
import { organization } from 'better-auth/plugins';

export const BASE_PATH = '/api/auth';
export const SECRET = 'of the benchmark: 0123456789 abcdefghijklm';

/**
 * better-auth as its documentation recommends it for production: session cookies cached for five minutes, joins in the
 * database, no telemetry. Its own limits (100 members, 100 open invitations) are raised so that it does not refuse, and
 * `pageSize` is how many rows it reads of a list: its lists of invitations and organisations take no other.
 */
export const createAuth = (database, { baseURL, pageSize }) =>
  betterAuth({
    database,
    baseURL,
    basePath: `${BASE_PATH}/${pageSize}`,
    secret: SECRET,
    logger: { disabled: true },
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
    emailAndPassword: { enabled: true },
    session: { cookieCache: { enabled: true, maxAge: 300 } },
    advanced: { database: { joins: true, defaultFindManyLimit: pageSize } },
    plugins: [
      organization({ invitationLimit: 10_000_000, membershipLimit: 10_000_000, sendInvitationEmail: async () => {} }),
    ],
  });
