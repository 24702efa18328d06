"""A network of PyTorch with loading processes, a schedule, checkpoints and a learning curve."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import mlflow

EPOCHS = 3


def data(seed):
    random = torch.Generator().manual_seed(seed)
    points = torch.rand(256, 2, generator=random) * 2 - 1
    return TensorDataset(points, (points.prod(1) > 0).float())


def train(network, loader, optimizer, first_step):
    loss_of = nn.BCEWithLogitsLoss()
    for step, (points, labels) in enumerate(loader, first_step):
        optimizer.zero_grad()
        loss = loss_of(network(points).squeeze(1), labels)
        loss.backward()
        optimizer.step()
        mlflow.log_metric("train_loss", loss.item(), step=step)


@torch.no_grad()
def accuracy(network, loader):
    hits = [((network(points).squeeze(1) > 0) == labels).float().mean()
            for points, labels in loader]
    return torch.stack(hits).mean()


def main():
    torch.manual_seed(5)
    torch.set_num_threads(1)
    mlflow.set_experiment("networks")
    network = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.5)
    train_loader = DataLoader(data(1), batch_size=32, num_workers=2)
    test_loader = DataLoader(data(2), batch_size=64)
    with mlflow.start_run(run_name="xor"):
        mlflow.log_params({"optimizer": type(optimizer).__name__, "epochs": EPOCHS,
                           "parameters": sum(p.numel() for p in network.parameters())})
        mlflow.log_text(str(network), "network.txt")
        for epoch in range(EPOCHS):
            train(network, train_loader, optimizer, epoch * len(train_loader))
            mlflow.log_metrics({"accuracy": accuracy(network, test_loader),
                                "rate": schedule.get_last_lr()[0]}, step=epoch)
            schedule.step()
        torch.save(network.state_dict(), "network.pt")
        mlflow.log_artifact("network.pt", "checkpoints")


if __name__ == "__main__":
    main()
