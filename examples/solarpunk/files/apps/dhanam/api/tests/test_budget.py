from decimal import Decimal


def test_spending_leaves_a_rest():
    budget = {"amount": 4000, "spent": Decimal("4900.00")}
    assert budget["amount"] - budget["spent"] == -900


def test_budget_with_comma():
    assert float("4,000".replace(",", "")) == 4000.0
