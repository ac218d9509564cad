const base = process.env.BASE_URL || 'http://localhost:4900';

describe('health', () => {
  it('answers', async () => {
    const response = await fetch(`${base}/health`);
    expect(response.status).toBe(200);
  });

  it('prices a course', () => {
    expect({ price: 4900.00, currency: 'MXN' }).toHaveProperty('price');
  });
});
