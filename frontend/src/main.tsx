import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import i18next from 'i18next';
import { StrictMode } from 'react';
import { I18nProvider } from 'react-aria-components';
import { createRoot } from 'react-dom/client';
import './styles/index.css';
import { newQueryClient } from './data/client';
import { newRouter } from './router';
import { reloadForNewVersion } from './core/newVersion';
import { registerServiceWorker } from './core/serviceWorker';
import { applyTheme, storedTheme } from './core/theme';
import { loadLanguage } from './text/language';

applyTheme(storedTheme());
reloadForNewVersion();
registerServiceWorker();

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element #root');

await loadLanguage();
createRoot(root).render(
  <StrictMode>
    <I18nProvider locale={i18next.language}>
      <QueryClientProvider client={newQueryClient()}>
        <RouterProvider router={newRouter()} />
      </QueryClientProvider>
    </I18nProvider>
  </StrictMode>,
);
