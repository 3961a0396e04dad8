import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.problems import Problem
from tests.api.house import NOW, small_house


@pytest.fixture
def house():
    return small_house()


@pytest.fixture
def api(house):
    return TestClient(create_app(house, clock=lambda: NOW), raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nothing", 404),
        ("POST", "/v1/incidents", 405),
        ("GET", "/v1/incidents?limit=many", 422),
        ("POST", "/v1/webhooks", 401),
        ("GET", "/static/nothing.css", 404),
    ],
)
def test_every_error_is_a_problem(api, method, path, status):
    answer = api.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = Problem.model_validate(answer.json())
    assert (problem.status, problem.instance) == (status, path.partition("?")[0])


def test_a_bug_is_a_problem_too_and_tells_nothing_of_the_inside(api, house):
    house.readiness = lambda: 1 // 0
    answer = api.get("/readyz")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "division" not in answer.text


def test_the_openapi_describes_problems_and_no_other_error(api):
    described = api.get("/openapi.json").json()
    assert {"Problem", "FieldError"} <= set(described["components"]["schemas"])
    for path, methods in described["paths"].items():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                expected = status.startswith("2") or list(answer["content"]) == ["application/problem+json"]
                assert expected, f"{path} {status}"


def test_every_operation_is_described(api):
    for path, methods in api.get("/openapi.json").json()["paths"].items():
        for operation in methods.values():
            assert operation.get("description"), path


@pytest.mark.parametrize("path", ["/", "/docs", "/v1/incidents", "/v1/nothing", "/static/page.css"])
def test_security_headers_are_on_every_answer(api, path):
    headers = api.get(path).headers
    assert "unsafe" not in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
