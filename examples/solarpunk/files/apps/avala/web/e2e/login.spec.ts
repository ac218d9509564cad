import { expect, test } from '@playwright/test';

test('login page', async ({ page }) => {
  await page.goto('http://localhost:3060/login');
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible({ timeout: 4900 });
});
