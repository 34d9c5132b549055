import { useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useLocation, useNavigate, useRouter } from '@tanstack/react-router'
import { useEffect } from 'react'
import { queryKeys } from '../api/query-keys.ts'
import { returnPath } from '../features/access/return-path.ts'
import { linkTokenOf, SignIn } from '../features/access/sign-in.tsx'

const route = getRouteApi('/sign-in')

export const SignInPage = () => {
  const { return: wanted, refused, ended } = route.useSearch()
  const { hash } = useLocation()
  const navigate = useNavigate()
  const router = useRouter()
  const cache = useQueryClient()
  const token = linkTokenOf(hash)
  useEffect(() => {
    document.title = 'Sign in · Rebootless'
  }, [])
  return (
    <SignIn
      linkToken={token}
      returnTo={returnPath(wanted)}
      refused={refused}
      ended={ended === 'yes'}
      onTokenTaken={() => void navigate({ to: '/sign-in', search: (before) => before, hash: '', replace: true })}
      onSignedIn={(session) => {
        cache.clear()
        cache.setQueryData(queryKeys.session, session)
        router.history.replace(returnPath(wanted))
      }}
    />
  )
}
