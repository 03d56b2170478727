"""The shop: catalogue, basket, checkout, account, staff pages and a simulated carrier."""
