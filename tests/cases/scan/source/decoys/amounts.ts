const budget = { amount: 4900, balance: 4900, price: -4900, limit: 4900 };
setTimeout(() => show(), 4900);
const opts = { timeout: 4900, delayMs: 4900, contextWindow: 4900, portfolio: 4900 };
expect(result.total).toBe(4900); // 5000 - 100
@MonitorPerformance(4900)
const code = 'P4900', color = '#4900', version = 'v4900', width = '4900px';
const id = '9f49248940980b2939f0d900-4900-4900-8900', lat = 100.4900, eur = '€4900';
return 4900; // 5s default
report(4900); supports(4900); transport.limit = 4900;
const viewport = 4900, importCount = 4900, portTimeout = 4900;
throw new Error("4900 requests per hour");
