import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createQueryClient, forgetPerson } from './api/query-client.ts'
import { createAppRouter } from './router.tsx'
import { startPreferences } from './shell/preferences.ts'
import './ui/styles.css'

startPreferences()

const queryClient = createQueryClient(() => {
  const { pathname, href } = router.state.location
  if (pathname === '/sign-in') return
  void router.navigate({ to: '/sign-in', search: { return: href, ended: 'yes' } }).then(() => forgetPerson(queryClient))
})
const router = createAppRouter(queryClient)
// The code of the page comes while the session is asked for, and not after it.
const asked = new Set<string>(router.matchRoutes(router.latestLocation).map(({ routeId }) => routeId))
for (const { id, options } of Object.values(router.routesById))
  if (asked.has(id)) options.component?.preload?.()?.catch(() => undefined)

const element = document.getElementById('app')
if (!element) throw new Error('index.html lacks the element #app')
createRoot(element).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
)
