import { Link } from '@tanstack/react-router'
import { useEffect } from 'react'
import { BrandMark } from '../shell/brand.tsx'
import { buttonClass } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'

export const ProvenPage = () => {
  useEffect(() => {
    document.title = 'Proven · Rebootless'
  }, [])
  return (
    <main className="min-h-dvh">
      <h1 className="sr-only">Rebootless</h1>
      <Notice
        mark={<BrandMark />}
        title="Your identity provider has answered"
        actions={
          <Link to="/" className={buttonClass('plain', 'large')}>
            Fleet
          </Link>
        }
      >
        <p>The page that asked goes on by itself: close this window and return to it.</p>
      </Notice>
    </main>
  )
}
