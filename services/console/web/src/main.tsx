import { render } from 'preact'
import { App } from './app.tsx'
import { applyAppearance } from './live/appearance.ts'
import { ErrorBoundary } from './parts/error-boundary.tsx'
import './style/page.css'

applyAppearance()
const page = document.getElementById('page')
if (page !== null) {
  render(
    <ErrorBoundary of="page">
      <App />
    </ErrorBoundary>,
    page,
  )
}
