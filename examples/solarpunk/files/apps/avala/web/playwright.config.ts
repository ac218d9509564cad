import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: './e2e',
  timeout: 4000,
  use: { baseURL: 'http://localhost:3060' },
  webServer: { command: 'npm run dev', port: 3060, reuseExistingServer: true },
});
