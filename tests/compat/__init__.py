"""Official MLflow clients and the official server as the measure of ours."""
