import type { Handlers } from '../http/call.ts'
import type { Access } from './service.ts'

type AccessHandlers = Pick<
  Handlers,
  'POST /api/v1/session' | 'POST /api/v1/session/link' | 'GET /api/v1/session' | 'DELETE /api/v1/session'
>

/** `onSignedOut` is told of the session, so that its event streams here end at once. */
export const accessHandlers = (access: Access, onSignedOut: (sessionHash: string) => void): AccessHandlers => ({
  'POST /api/v1/session': async ({ body, source, cookies }) => {
    const { token, session } = await access.signIn({ ...body, address: source })
    cookies.set(token)
    return session
  },
  'POST /api/v1/session/link': async ({ body, source, cookies }) => {
    const { token, session } = await access.signInByLink({ ...body, address: source })
    cookies.set(token)
    return session
  },
  'GET /api/v1/session': async ({ signedIn: { username, role, expiresAt } }) => ({
    username,
    role,
    expiresAt: expiresAt.toISOString(),
  }),
  'DELETE /api/v1/session': async ({ signedIn, cookies }) => {
    await access.signOut(signedIn)
    onSignedOut(signedIn.sessionHash)
    cookies.clear()
    return null
  },
})
