import type { HostEnv } from './host-env.ts';
import { Value } from './value.ts';

/**
 * How egress authenticates the requests of a route. The agent never sees the credential: egress deletes what the agent
 * sends in that header and sets its own.
 */
export class Auth extends Value<'Auth'> {
  /** `Authorization: Bearer <value>` (RFC 6750). */
  static bearer(from: HostEnv): Auth {
    return new Auth('Auth', 'bearer', { from });
  }

  /** `Authorization: token <value>`, as GitHub and Gitea accept it. */
  static token(from: HostEnv): Auth {
    return new Auth('Auth', 'token', { from });
  }

  /** `Authorization: Basic <base64 of user:value>` (RFC 7617). `user` holds no colon. */
  static basic(user: string, from: HostEnv): Auth {
    return new Auth('Auth', 'basic', { user, from });
  }

  /** `<name>: <value>`. Host, Cookie, Content-* and hop-by-hop names are refused. */
  static header(name: string, from: HostEnv): Auth {
    return new Auth('Auth', 'header', { name, from });
  }
}
