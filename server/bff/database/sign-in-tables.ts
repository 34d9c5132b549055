/** A right password or link that still waits for the second factor: no session. */
interface SignInChallengesTable {
  token_hash: string
  user_id: string
  way: 'password' | 'link'
  expires_at: Date
}

interface RecoveryCodesTable {
  user_id: string
  code_hash: string
}

interface SignInLinksTable {
  token_hash: string
  user_id: string
  expires_at: Date
}

interface SignInAttemptsTable {
  key: string
  window_started_at: Date
  attempts: number
}

interface SignInSourcesTable {
  user_id: string
  source: string
  last_success_at: Date
}

/** What a sign-in needs until it is a session, and what holds guesses back. */
export interface SignInTables {
  sign_in_challenges: SignInChallengesTable
  recovery_codes: RecoveryCodesTable
  sign_in_links: SignInLinksTable
  sign_in_attempts: SignInAttemptsTable
  sign_in_sources: SignInSourcesTable
}
