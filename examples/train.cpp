// train.cpp - the training of train.c in C++: handles close themselves, failures throw, a run
// that is left early ends as FAILED.
//
//     c++ -std=c++17 train.cpp $(pkg-config --cflags --libs millstream) -o train
//     ./train [EPOCHS [LEARNING_RATE]]
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <millstream/millstream.h>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

// --- tracking ------------------------------------------------------------------------------

namespace tracking
{

class Error : public std::runtime_error
{
  public:
    Error(mill_status st, const mill_error &error)
        : std::runtime_error(error.message), status(st)
    {
    }
    const mill_status status;
};

// Makes a call of the library; its error becomes an exception. The call gets a mill_error *.
template <typename Call> void check(Call call)
{
    mill_error error{};
    if (const mill_status status = call(&error); status != MILL_OK)
        throw Error(status, error);
}

inline mill_view view(const std::string &text)
{
    return {text.data(), text.size()};
}

struct Free {
    void operator()(mill_client *client) const
    {
        mill_client_close(client);
    }
    void operator()(mill_experiment_list *list) const
    {
        mill_experiment_list_free(list);
    }
    void operator()(mill_run_list *list) const
    {
        mill_run_list_free(list);
    }
};
using Client = std::unique_ptr<mill_client, Free>;

inline Client open()
{
    mill_client_options options{};
    options.size = sizeof options;
    options.create = true; // a missing database is made
    mill_client *client = nullptr;
    check([&](mill_error *err) {
        return mill_client_open(mill_text(nullptr), &options, &client, err);
    });
    return Client(client);
}

// The experiment of that name, made when it is missing.
inline std::int64_t experiment(mill_client *client, const std::string &name)
{
    std::int64_t id = 0;
    try {
        check([&](mill_error *err) {
            return mill_client_create_experiment(client, view(name), mill_text(nullptr),
                                                 nullptr, 0, &id, err);
        });
        return id;
    } catch (const Error &error) {
        if (error.status != MILL_E_EXISTS)
            throw;
    }
    mill_experiment_list *list = nullptr;
    check([&](mill_error *err) {
        return mill_client_get_experiment_by_name(client, view(name), &list, err);
    });
    return std::unique_ptr<mill_experiment_list, Free>(list)->items[0]->experiment_id;
}

// A run under way. One that is left by an exception, or is never finished, ends as FAILED.
class Run
{
  public:
    Run(mill_client *where, const std::string &experiment_name, const std::string &name)
        : client(where)
    {
        mill_new_run about{};
        about.size = sizeof about;
        about.experiment_id = experiment(client, experiment_name);
        about.run_name = view(name);
        mill_run_list *list = nullptr;
        check([&](mill_error *err) {
            return mill_client_create_run(client, &about, &list, err);
        });
        const std::unique_ptr<mill_run_list, Free> made(list);
        const mill_view made_id = made->items[0]->info.run_id;
        run_id.assign(made_id.ptr, made_id.len);
    }
    Run(const Run &) = delete;
    Run &operator=(const Run &) = delete;
    ~Run()
    {
        if (!finished)
            mill_client_set_terminated(client, view(run_id), MILL_RUN_FAILED, MILL_ABSENT,
                                       nullptr);
    }

    const std::string &id() const
    {
        return run_id;
    }

    void param(const std::string &key, const std::string &value)
    {
        check([&](mill_error *err) {
            return mill_client_log_param(client, view(run_id), view(key), view(value), err);
        });
    }

    void tag(const std::string &key, const std::string &value)
    {
        check([&](mill_error *err) {
            return mill_client_set_tag(client, view(run_id), view(key), view(value), err);
        });
    }

    // Several metrics of one step, in one request.
    void metrics(const std::vector<std::pair<std::string, double>> &values, std::int64_t step)
    {
        using namespace std::chrono;
        const auto now =
            duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
        std::vector<mill_metric> points;
        for (const auto &[key, value] : values)
            points.push_back({view(key), value, now, step, nullptr});
        mill_batch batch{};
        batch.size = sizeof batch;
        batch.metrics = points.data();
        batch.metric_count = points.size();
        check([&](mill_error *err) {
            return mill_client_log_batch(client, view(run_id), &batch, err);
        });
    }

    void artifact(const std::string &path, const std::string &directory)
    {
        check([&](mill_error *err) {
            return mill_client_log_artifact(client, view(run_id), view(path), view(directory),
                                            nullptr, err);
        });
    }

    void finish()
    {
        check([&](mill_error *err) {
            return mill_client_set_terminated(client, view(run_id), MILL_RUN_FINISHED,
                                              MILL_ABSENT, err);
        });
        finished = true;
    }

  private:
    mill_client *client;
    std::string run_id;
    bool finished = false;
};

} // namespace tracking

// --- data and network ----------------------------------------------------------------------

struct Sample {
    double x, y;
    int label; // which half circle: 0 or 1
};

static std::vector<Sample> make_samples(int count, std::mt19937_64 &random)
{
    std::uniform_real_distribution<double> angles(0, 3.14159265358979), noise(-0.35, 0.35);
    std::vector<Sample> samples;
    for (int i = 0; i < count; i++) {
        const int label = i % 2;
        const double angle = angles(random);
        const double x = label ? 1 - std::cos(angle) : std::cos(angle);
        const double y = label ? 0.5 - std::sin(angle) : std::sin(angle);
        samples.push_back({x + noise(random), y + noise(random), label});
    }
    return samples;
}

class Network
{
  public:
    static constexpr int hidden = 16;

    explicit Network(std::mt19937_64 &random)
    {
        std::uniform_real_distribution<double> weights(-1, 1);
        for (Unit &unit : units)
            unit = {weights(random), weights(random), weights(random), weights(random) / 2, 0};
    }

    // The chance that the sample is of class 1.
    double predict(const Sample &s)
    {
        double sum = bias;
        for (Unit &unit : units) {
            unit.says = std::tanh(unit.x * s.x + unit.y * s.y + unit.bias);
            sum += unit.output * unit.says;
        }
        return 1 / (1 + std::exp(-sum));
    }

    // One step of gradient descent on one sample.
    void learn(const Sample &s, double rate)
    {
        const double delta = rate * (predict(s) - s.label);
        for (Unit &unit : units) {
            const double back = delta * unit.output * (1 - unit.says * unit.says);
            unit.output -= delta * unit.says;
            unit.x -= back * s.x;
            unit.y -= back * s.y;
            unit.bias -= back;
        }
        bias -= delta;
    }

    struct Score {
        double loss, accuracy;
    };

    Score evaluate(const std::vector<Sample> &samples)
    {
        Score score{0, 0};
        for (const Sample &s : samples) {
            const double chance = predict(s);
            const double of_label = s.label ? chance : 1 - chance;
            score.loss -= std::log(of_label + 1e-12);
            score.accuracy += of_label > 0.5;
        }
        const auto count = static_cast<double>(samples.size());
        return {score.loss / count, score.accuracy / count};
    }

    void save(const std::string &path) const
    {
        std::ofstream file(path);
        file.precision(17);
        for (const Unit &unit : units)
            file << unit.x << ' ' << unit.y << ' ' << unit.bias << " -> " << unit.output
                 << '\n';
        file << "bias " << bias << '\n';
        if (!file.flush())
            throw std::runtime_error("cannot write " + path);
    }

  private:
    struct Unit {
        double x, y, bias, output, says;
    };
    std::array<Unit, hidden> units{};
    double bias = 0;
};

// --- the program ---------------------------------------------------------------------------

static std::string text_of(double value)
{
    std::ostringstream text;
    text << value;
    return text.str();
}

static void train(int epochs, double rate)
{
    const tracking::Client client = tracking::open();
    tracking::Run run(client.get(), "half-circles", "rate-" + text_of(rate));
    run.tag("language", "C++");
    run.tag("model", "mlp");
    run.param("epochs", std::to_string(epochs));
    run.param("learning_rate", text_of(rate));
    run.param("hidden", std::to_string(Network::hidden));

    std::mt19937_64 random(7);
    const auto samples = make_samples(600, random), tests = make_samples(300, random);
    Network network(random);
    Network::Score trained{}, tested{};
    for (int epoch = 1; epoch <= epochs; epoch++) {
        for (const Sample &sample : samples)
            network.learn(sample, rate);
        trained = network.evaluate(samples);
        tested = network.evaluate(tests);
        run.metrics({{"train_loss", trained.loss},
                     {"test_loss", tested.loss},
                     {"test_accuracy", tested.accuracy}},
                    epoch);
        if (!std::isfinite(trained.loss))
            throw std::runtime_error("the loss is no number any more; train slower");
    }
    network.save("model.txt");
    run.artifact("model.txt", "model");
    run.finish();
    std::printf("epoch %d: loss %.4f, test accuracy %.4f\nrun %s\n", epochs, trained.loss,
                tested.accuracy, run.id().c_str());
}

int main(int argc, char **argv)
{
    const int epochs = argc > 1 ? std::atoi(argv[1]) : 30;
    const double rate = argc > 2 ? std::atof(argv[2]) : 0.05;
    if (epochs < 1 || !(rate > 0) || argc > 3) {
        std::fprintf(stderr, "usage: %s [EPOCHS [LEARNING_RATE]]\n", argv[0]);
        return 2;
    }
    try {
        train(epochs, rate);
    } catch (const tracking::Error &error) {
        std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
        return mill_status_get_info(error.status)->exit_code;
    } catch (const std::exception &error) {
        std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
        return 1;
    }
    return 0;
}
