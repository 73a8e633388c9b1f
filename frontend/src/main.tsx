import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { newQueryClient } from './data/client';
import { newRouter } from './router';
import './styles/index.css';
import { reloadForNewVersion } from './core/newVersion';
import { registerServiceWorker } from './core/serviceWorker';
import { applyTheme, storedTheme } from './core/theme';

applyTheme(storedTheme());
reloadForNewVersion();
registerServiceWorker();

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element #root');

createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={newQueryClient()}>
      <RouterProvider router={newRouter()} />
    </QueryClientProvider>
  </StrictMode>,
);
